"""The array namespaces: the Array API vocabulary over each array library, with the differences of each in one file."""
