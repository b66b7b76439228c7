//! Policies: kept as clients wrote them, checked as HNS checks them.

mod check;
mod list;
mod rules;
mod sets;

pub(crate) use check::protocol;
pub(crate) use list::{Policies, Shared};
pub(crate) use rules::{Target, count_gaps, validate, wanted_adapter};
pub(crate) use sets::check_sets;
