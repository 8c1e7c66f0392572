"""Words for a person: numbers and times, explained failures, stored messages."""
