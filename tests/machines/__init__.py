"""Several machines on one: network namespaces, each with an address, a host name and a worker of its own."""
