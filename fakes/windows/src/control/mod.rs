//! What only a lab can do to a host: beside the boundary, never part of it.

mod power;
mod programs;
mod services;
mod storage;
mod views;

pub use views::SystemView;
