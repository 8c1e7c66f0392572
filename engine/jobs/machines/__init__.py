"""One attempt of a job on several machines: their links, the packets of the members' network, and who leads."""
