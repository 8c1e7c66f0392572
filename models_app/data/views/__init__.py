"""Pages about data: buckets, the S3 browser, uploads, samples, scans."""
