"""What Amazon's first-party algorithms share: data channels, requests, answers, log lines, the model file, words."""
