"""Makes it happen: the use cases, the ports and their adapters, the web and the command line.

`app` is the only composition root. The use cases (`intake`, `relay`, `courier`, `sweeper`) know the ports and the pure packages;
adapters (`store`, `broker`, `transport`, `web`) know the ports and a library; nobody but `app` and `cli` knows the adapters.
"""
