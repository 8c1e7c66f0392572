"""One kind of list for jobs and models: properties, filters, sorts, columns, views, all in the address."""
