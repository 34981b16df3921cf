"""iPatent: a self-hosted search engine for patent drawings."""

__version__ = "0.1.0"
