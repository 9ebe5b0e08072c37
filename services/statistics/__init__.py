"""Statistics owns facts: what happened when and where, never to whom. Figures are computed from them."""
