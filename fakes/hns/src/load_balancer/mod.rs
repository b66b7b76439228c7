//! Load balancers: frontends that lead to endpoints.

mod calls;
mod object;

pub(crate) use object::{Frontend, LoadBalancer, from_elb};
