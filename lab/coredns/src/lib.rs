//! CoreDNS as a model.
