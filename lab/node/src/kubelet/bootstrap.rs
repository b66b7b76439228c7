//! TLS bootstrap: how a kubelet comes to its own certificate and kubeconfig (`cmd/kubelet/app/server.go`,
//! `pkg/kubelet/certificate/bootstrap/bootstrap.go`).
//!
//! ```text
//! no kubeconfig ─▶ key ─▶ CertificateSigningRequest ─▶ approved, signed ─▶ pki/kubelet-client-current.pem, kubeconfig
//! ```

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha512_256};
use winlab_clock::{Pace, VirtualSpan};
use winlab_component::{Context, HostFiles};
use winlab_document::{Document, doc};
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::certificates::{CertificateSigningRequest, CertificateSigningRequestSpec};
use winlab_kube_client::k8s::meta::ObjectMeta;
use winlab_kube_client::k8s_openapi::ByteString;
use winlab_kube_client::{Api, Client, ErrorExt as _, ObjectKey, WatchConfig, reflect};
use winlab_pki::{PrivateKey, SigningRequest};

const SIGNER: &str = "kubernetes.io/kube-apiserver-client-kubelet";
/// A key that is no RSA key enciphers nothing.
const USAGES: [&str; 2] = ["digital signature", "client auth"];
/// `--cert-dir`
const FOLDER: &str = "/var/lib/kubelet/pki";
/// How long the certificate is waited for.
const TIMEOUT: VirtualSpan = VirtualSpan::from_secs(3600);

/// Makes certificate and kubeconfig with the bootstrap one, if there is no kubeconfig yet.
///
/// # Errors
/// The text that the kubelet prints before it exits.
pub(crate) async fn bootstrap(
    context: &Context,
    files: &HostFiles,
    node: &str,
    client: Option<&Client>,
) -> Result<(), String> {
    let path = |flag| context.command.flag(flag).filter(|path| !path.is_empty());
    let (Some(from), Some(to)) = (path("bootstrap-kubeconfig"), path("kubeconfig")) else { return Ok(()) };
    if files.read(to).await.is_ok() {
        context.log.info(format_args!("Kubeconfig exists and is valid, skipping bootstrap path={to:?}"));
        return Ok(());
    }
    let failed = |text: String| format!("failed to run Kubelet: {text}");
    let load = |text: String| failed(format!("unable to load bootstrap kubeconfig: {text}"));
    let text = files.read_text(from).await.map_err(|error| load(error.to_string()))?;
    let config: Document = serde_saphyr::from_str(&text).map_err(|error| load(error.to_string()))?;
    let client = client.ok_or_else(|| load("it names no user".to_owned()))?;
    context.log.info("Using bootstrap kubeconfig to generate TLS client cert, key and kubeconfig file");
    let key = private_key(context, files).await.map_err(failed)?;
    context.log.info("Waiting for client certificate to be issued");
    let certificate = certificate(context, node, &key, client).await.map_err(failed)?;
    let pem = format!("{FOLDER}/kubelet-client-current.pem");
    let write = async |path: &str, text: String| {
        files.write(path, text.into_bytes()).await.map_err(|error| failed(error.to_string()))
    };
    write(&pem, certificate + &key.to_pem()).await?;
    // It has done its work; one that cannot be removed does no harm.
    let _left = files.remove(&temporary_key()).await;
    write(to, kubeconfig(&config, &pem).to_pretty()).await
}

fn temporary_key() -> String {
    format!("{FOLDER}/kubelet-client.key.tmp")
}

/// The key of an attempt before this one, or a new one, which is kept until there is a certificate for it.
async fn private_key(context: &Context, files: &HostFiles) -> Result<PrivateKey, String> {
    let path = temporary_key();
    if let Ok(text) = files.read_text(&path).await
        && let Ok(key) = PrivateKey::from_pem(&text)
    {
        return Ok(key);
    }
    // Where a certificate opens nothing, it is to be the same in every run.
    let key = match context.clock.pace() {
        Pace::Virtual => PrivateKey::of_bytes(context.seed.child("client-key").rng().bytes()),
        Pace::Scaled(_) | Pace::Real => PrivateKey::generate(),
    };
    let key = key.map_err(|error| error.to_string())?;
    files.write(&path, key.to_pem().into_bytes()).await.map_err(|error| error.to_string())?;
    Ok(key)
}

/// Asks for a certificate and waits for it (`requestNodeCertificate`).
async fn certificate(
    context: &Context,
    node: &str,
    key: &PrivateKey,
    client: &Client,
) -> Result<String, String> {
    let user = format!("system:node:{node}");
    let request = SigningRequest::of_client(&user, "system:nodes", key);
    let request = request.map_err(|error| format!("unable to generate certificate request: {error}"))?;
    let name = digested_name(key, &user);
    let object = CertificateSigningRequest {
        metadata: ObjectMeta { name: Some(name.clone()), ..ObjectMeta::default() },
        spec: CertificateSigningRequestSpec {
            request: ByteString(request.into_bytes()),
            signer_name: SIGNER.to_owned(),
            usages: Some(USAGES.map(str::to_owned).into()),
            ..CertificateSigningRequestSpec::default()
        },
        status: None,
    };
    let requests: Api<CertificateSigningRequest> = Api::all(client.clone());
    match requests.create(&PostParams::default(), &object).await {
        Err(error) if error.is_already_exists() => {
            context.log.info(format_args!("csr for this node already exists, reusing csr={name:?}"));
        }
        Err(error) => return Err(format!("cannot create certificate signing request: {error}")),
        Ok(_) => {}
    }
    let one = WatchConfig::all().fields(format!("metadata.name={name}"));
    let (store, following) = reflect(requests, one, context.clock, context.seed.child("csr"));
    let key = ObjectKey::cluster(name.clone());
    let decided = store.until(|store| store.get(&key).and_then(|object| decision(&object)));
    let waiting = async {
        let following = std::pin::pin!(following);
        let decided = std::pin::pin!(decided);
        match futures::future::select(decided, following).await {
            futures::future::Either::Left((decided, _)) => decided,
            futures::future::Either::Right(((), _)) => Err("the watch ended".to_owned()),
        }
    };
    let decided = context.clock.within(TIMEOUT, waiting).await;
    let decided = decided.unwrap_or_else(|_| Err("timed out waiting for the condition".to_owned()));
    decided.map_err(|text| format!("cannot use certificate signing request {name}: {text}"))
}

/// What became of a request; `None` while nobody has decided (`util/certificate/csr`, `WaitForCertificate`).
fn decision(object: &CertificateSigningRequest) -> Option<Result<String, String>> {
    let status = object.status.as_ref()?;
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let found = |kind: &str| conditions.iter().find(|condition| condition.type_ == kind);
    for (kind, what) in [("Denied", "denied"), ("Failed", "failed")] {
        if let Some(condition) = found(kind) {
            let (reason, message) = (condition.reason.as_deref(), condition.message.as_deref());
            return Some(Err(format!(
                "certificate signing request is {what}, reason: {:?}, message: {:?}",
                reason.unwrap_or_default(),
                message.unwrap_or_default()
            )));
        }
    }
    let certificate = status.certificate.as_ref().filter(|bytes| !bytes.0.is_empty())?;
    found("Approved")?;
    Some(Ok(String::from_utf8_lossy(&certificate.0).into_owned()))
}

/// The same key and subject have the same name, so that a kubelet that starts again finds its request.
fn digested_name(key: &PrivateKey, user: &str) -> String {
    let mut hash = Sha512_256::new();
    let public = key.public_der();
    let parts = [public.as_slice(), user.as_bytes(), b"system:nodes"];
    for part in parts.into_iter().chain(USAGES.iter().map(|usage| usage.as_bytes())) {
        hash.update(URL_SAFE_NO_PAD.encode(part));
        hash.update(b"|");
    }
    format!("node-csr-{}", URL_SAFE_NO_PAD.encode(hash.finalize()))
}

/// The kubeconfig of a client with its certificate in a file (`writeKubeconfigFromBootstrapping`).
fn kubeconfig(bootstrap: &Document, pem: &str) -> Document {
    let clusters = bootstrap.get("clusters").map(Document::items).unwrap_or_default();
    let cluster = clusters.first().and_then(|cluster| cluster.get("cluster")).cloned().unwrap_or_default();
    let context = doc!({"cluster": "default-cluster", "namespace": "default", "user": "default-auth"});
    let user = doc!({"client-certificate": pem, "client-key": pem});
    doc!({
        "apiVersion": "v1", "kind": "Config", "preferences": {}, "current-context": "default-context",
        "clusters": [{"name": "default-cluster", "cluster": cluster}],
        "contexts": [{"name": "default-context", "context": context}],
        "users": [{"name": "default-auth", "user": user}]
    })
}
