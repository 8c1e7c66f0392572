"""What people type: forms that read a request and say in place what is wrong with it."""
