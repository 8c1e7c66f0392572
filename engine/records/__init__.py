"""Records of a batch transform job: cuts input files into requests, and puts answers together into output files."""
