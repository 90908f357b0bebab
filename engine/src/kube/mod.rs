//! Clusters: what is there, kept fresh by watches, and the one change that Slipway makes.
