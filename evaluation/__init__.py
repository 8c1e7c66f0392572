"""Measures a trained model on rows that its training never saw: predictions, figures, groups of rows it fails on.

`process` runs everything in a process of its own, for a model may be harmful; the other modules are what that process
does. The figures are scikit-learn's.
"""
