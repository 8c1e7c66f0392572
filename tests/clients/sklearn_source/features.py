def scale(x):
    return x / 100.0
