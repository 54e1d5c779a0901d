version=0.1
