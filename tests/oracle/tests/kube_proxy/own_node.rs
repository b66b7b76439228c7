//! What happens to the Node of the node under test while its kube-proxy runs.

use proptest::prelude::Strategy;
use proptest::sample::select;
use winlab_kube_client::{Client, Error};

use crate::addresses::{self, THIS, THIS_ADDRESS};
use crate::node_objects;
use crate::setting::Setting;

/// What happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// It is in another zone.
    Relabelled,
    /// It has another address.
    Readdressed,
    /// It is deleted.
    Deleted,
}

/// One of them.
pub(crate) fn event() -> impl Strategy<Value = Event> {
    select(vec![Event::Relabelled, Event::Readdressed, Event::Deleted])
}

/// Makes the Node.
pub(crate) async fn register(client: &Client, setting: &Setting) -> Result<(), Error> {
    node_objects::create(client, THIS).await?;
    set_up(client, setting).await
}

impl Event {
    /// Lets it happen.
    pub(crate) async fn happen(self, client: &Client, setting: &Setting) -> Result<(), Error> {
        match self {
            Self::Relabelled => node_objects::relabel(client, THIS, Some("b")).await,
            Self::Readdressed => {
                node_objects::readdress(client, THIS, &[addresses::node(setting.primary, 99)]).await
            }
            Self::Deleted => node_objects::delete(client, THIS).await,
        }
    }

    /// Brings the Node back to what it was.
    pub(crate) async fn mend(self, client: &Client, setting: &Setting) -> Result<(), Error> {
        if self == Self::Deleted {
            node_objects::create(client, THIS).await?;
        }
        set_up(client, setting).await
    }
}

async fn set_up(client: &Client, setting: &Setting) -> Result<(), Error> {
    node_objects::relabel(client, THIS, Some("a")).await?;
    node_objects::readdress(client, THIS, &[addresses::node(setting.primary, THIS_ADDRESS)]).await
}
