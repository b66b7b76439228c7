//! How soon a Windows host for programs under Wine is there, once the template is.

use std::time::Duration;

use winlab_cli::Environment;
use winlab_cli::args::Placement;
use winlab_clock::{Clock, Pace};
use winlab_wine::{NodeConfig, Probe};

use crate::figure::{Figure, median, timed};

/// Its name on the command line.
pub(crate) const NAME: &str = "wine-node";
const NODES: usize = 7;
const TARGET: Duration = Duration::from_millis(1500);

/// From the template to a prefix whose programs can start.
pub(crate) fn measure() -> Vec<Figure> {
    let places = Placement::default().engine(&Environment::read()).means.wine;
    let wine = match Probe::look(&places).runner() {
        Ok(wine) => wine,
        Err(lacking) => {
            lacking.iter().for_each(|one| eprintln!("not measured: {one}"));
            return Vec::new();
        }
    };
    wine.prepare().expect("the cache folder can be written");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let walls = (0..NODES).map(|number| {
        let config = NodeConfig {
            name: format!("win{number}"),
            windows: "ltsc2022".parse().expect("a known build"),
            server: "127.0.0.1:1".to_owned(),
            host: format!("win{number}"),
            token: None,
            clock: Clock::start_world(Pace::Real),
        };
        let (node, wall) = timed(|| runtime.block_on(wine.node(config, None)));
        drop(node.expect("Wine starts"));
        wall
    });
    vec![Figure::wall(
        "a node's prefix under Wine, from the template: median",
        median(walls.collect()),
        TARGET,
    )]
}
