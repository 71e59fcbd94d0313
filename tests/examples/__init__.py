"""The project's own example messages: what builds them, one module a family. The files themselves are package data of `schemas`."""
