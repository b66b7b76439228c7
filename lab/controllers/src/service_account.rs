//! ServiceAccount: every namespace has one called `default`, and the cluster's certificate in `kube-root-ca.crt`
//! (`pkg/controller/serviceaccount`, `pkg/controller/certificates/rootcacertpublisher`).

use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::core::{ConfigMap, ServiceAccount};
use winlab_kube_client::k8s::meta::ObjectMeta;
use winlab_kube_client::{ErrorExt, ObjectKey};

use crate::access::Access;
use crate::queue::{Outcome, Queue};

pub(crate) async fn run(access: Access) {
    let queue = Queue::new(access.clock, access.seed);
    let stores = access.informers.clone();
    let namespaces = queue.clone().follow(stores.namespaces.changes(), |key, _, _| vec![key.clone()]);
    let accounts = queue.clone().follow(stores.service_accounts.changes(), |key, _, now| {
        now.is_none().then(|| ObjectKey::cluster(key.namespace.clone())).into_iter().collect()
    });
    let work = queue.work(|key| sync(&access, key));
    futures::join!(namespaces, accounts, work);
}

async fn sync(access: &Access, key: ObjectKey) -> Outcome {
    let Some(namespace) = access.informers.namespaces.get(&key) else { return Ok(None) };
    if namespace.metadata.deletion_timestamp.is_some() {
        return Ok(None);
    }
    let metadata = |name: &str| ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(key.name.clone()),
        ..ObjectMeta::default()
    };
    if access.informers.service_accounts.get_namespaced(&key.name, "default").is_none() {
        let account = ServiceAccount { metadata: metadata("default"), ..ServiceAccount::default() };
        match access.of::<ServiceAccount>(&key.name).create(&PostParams::default(), &account).await {
            Ok(made) => access.seen(&access.informers.service_accounts, &made).await,
            Err(error) if error.is_already_exists() || error.is_forbidden() || error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    let map = ConfigMap { metadata: metadata("kube-root-ca.crt"), ..ConfigMap::default() };
    match access.of::<ConfigMap>(&key.name).create(&PostParams::default(), &map).await {
        Ok(_) => Ok(None),
        Err(error) if error.is_already_exists() || error.is_forbidden() || error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
