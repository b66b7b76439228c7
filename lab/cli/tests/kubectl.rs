//! Everyday kubectl against a lab that is up. Where the real kubectl is not there, every test is ignored and the reason
//! is printed; with `kubectl` among the words of `WINLAB_REQUIRE` every test fails with it instead.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "what is tested is how two processes get on with each other"
)]

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

#[cfg(unix)]
mod everyday {
    use std::env;
    use std::io::{BufRead as _, BufReader};
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};
    use std::sync::Arc;

    use libtest_mimic::Failed;
    use snapbox::cmd::cargo_bin;

    /// A lab that is up, and the kubectl to ask it with. Killed when the last test is over.
    pub(super) struct Lab {
        kubectl: PathBuf,
        kubeconfig: PathBuf,
        child: Child,
        folder: tempfile::TempDir,
    }

    impl Drop for Lab {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    /// The kubectl of `cargo xtask peers`, or why there is none.
    pub(super) fn find() -> Result<PathBuf, String> {
        let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
        let path = cache.unwrap_or_default().join("winlab/bin/linux-amd64/v1.34.4/kubectl");
        if path.is_file() {
            Ok(path)
        } else {
            Err(format!("{} is not there: `cargo xtask peers --only kubectl` makes it", path.display()))
        }
    }

    pub(super) fn start() -> Result<Arc<Lab>, String> {
        let kubectl = find()?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut child = Command::new(cargo_bin!("winlab"))
            .arg("up")
            .current_dir(folder.path())
            .env_clear()
            .env("XDG_RUNTIME_DIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let out = child.stdout.take().ok_or("its output is piped")?;
        let line = BufReader::new(out).lines().next().ok_or("the lab did not come up")?;
        let line = line.map_err(|error| error.to_string())?;
        let path = line.strip_prefix("export KUBECONFIG=").ok_or("it is no line for a shell")?;
        Ok(Arc::new(Lab { kubectl, kubeconfig: PathBuf::from(path), child, folder }))
    }

    impl Lab {
        /// Runs kubectl with words between blanks; what it says if it succeeds.
        fn kubectl(&self, words: &str) -> Result<String, Failed> {
            let (ok, out, talk) = self.run(words)?;
            if ok { Ok(out) } else { Err(format!("kubectl {words}: {out}{talk}").into()) }
        }

        /// The same of one that has to fail: what it complains.
        fn refused(&self, words: &str) -> Result<String, Failed> {
            let (ok, out, talk) = self.run(words)?;
            if ok { Err(format!("kubectl {words} succeeded: {out}").into()) } else { Ok(talk) }
        }

        fn run(&self, words: &str) -> Result<(bool, String, String), Failed> {
            self.run_with(words, &[])
        }

        /// The same with variables of the environment.
        fn run_with(&self, words: &str, env: &[(&str, &str)]) -> Result<(bool, String, String), Failed> {
            let output = Command::new(&self.kubectl)
                .args(words.split_whitespace())
                .current_dir(self.folder.path())
                .env_clear()
                .env("KUBECONFIG", &self.kubeconfig)
                .env("HOME", self.folder.path())
                .envs(env.iter().copied())
                .stdin(Stdio::null())
                .output()?;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            Ok((output.status.success(), text(&output.stdout), text(&output.stderr)))
        }

        fn write(&self, name: &str, text: &str) -> Result<(), Failed> {
            std::fs::write(self.folder.path().join(name), text).map_err(Failed::from)
        }
    }

    /// The text has all of these.
    fn has(text: &str, parts: &[&str]) -> Result<(), Failed> {
        match parts.iter().find(|part| !text.contains(**part)) {
            None => Ok(()),
            Some(part) => Err(format!("{part:?} is not in:\n{text}").into()),
        }
    }

    pub(super) type Case = fn(&Lab) -> Result<(), Failed>;

    pub(super) const CASES: &[(&str, Case)] = &[
        ("what_there_is", what_there_is),
        ("a_deployment_lives_and_dies", a_deployment_lives_and_dies),
        ("objects_are_made_without_files", objects_are_made_without_files),
        ("fields_are_checked_and_explained", fields_are_checked_and_explained),
        ("nodes_are_looked_at_and_drained", nodes_are_looked_at_and_drained),
        ("fields_have_managers", fields_have_managers),
        ("changes_are_shown_and_edited", changes_are_shown_and_edited),
        ("certificates_are_decided_about", certificates_are_decided_about),
    ];

    fn what_there_is(lab: &Lab) -> Result<(), Failed> {
        has(&lab.kubectl("version")?, &["Server Version: v1."])?;
        has(&lab.kubectl("cluster-info")?, &["is running at"])?;
        has(&lab.kubectl("api-resources")?, &["deployments", "apps/v1", "deploy"])?;
        has(
            &lab.kubectl("get nodes -o wide")?,
            &["lin1", "win1", "Ready", "Windows Server 2022", "containerd://"],
        )?;
        has(&lab.kubectl("get all -A")?, &["kube-system", "service/kubernetes"])?;
        has(&lab.kubectl("get leases -n kube-node-lease")?, &["HOLDER", "win1"])?;
        has(&lab.kubectl("auth can-i create pods")?, &["yes"])?;
        has(&lab.kubectl("auth whoami")?, &["kubernetes-admin", "system:masters"])?;
        has(&lab.refused("get pod nobody")?, &[r#"pods "nobody" not found"#])
    }

    fn a_deployment_lives_and_dies(lab: &Lab) -> Result<(), Failed> {
        lab.write("web.yaml", WEB)?;
        has(&lab.kubectl("apply -f web.yaml")?, &["deployment.apps/web created", "service/web created"])?;
        has(&lab.kubectl("rollout status deployment/web --timeout=180s")?, &["successfully rolled out"])?;
        has(&lab.kubectl("get deployment web")?, &["READY", "2/2"])?;
        has(&lab.kubectl("get pods -l app=web -o wide")?, &["1/1", "Running", "win1"])?;
        has(&lab.kubectl("describe deployment web")?, &["NewReplicaSet:", "2 available"])?;
        has(
            &lab.kubectl("wait --for=condition=Available deployment/web --timeout=60s")?,
            &["condition met"],
        )?;
        has(&lab.kubectl("apply -f web.yaml")?, &["deployment.apps/web unchanged"])?;
        has(&lab.kubectl("scale deployment/web --replicas=1")?, &["scaled"])?;
        has(&lab.kubectl("label deployment/web tier=front")?, &["labeled"])?;
        has(&lab.kubectl("annotate deployment/web note=x")?, &["annotated"])?;
        has(&lab.kubectl(r#"patch deployment web -p {"spec":{"minReadySeconds":1}}"#)?, &["patched"])?;
        has(&lab.kubectl("get deployment web -o yaml")?, &["minReadySeconds: 1", "tier: front"])?;
        has(&lab.kubectl("get endpointslices -l kubernetes.io/service-name=web")?, &["ADDRESSTYPE", "IPv4"])?;
        has(&lab.kubectl("rollout restart deployment/web")?, &["restarted"])?;
        lab.kubectl("rollout status deployment/web --timeout=180s")?;
        let name = lab.kubectl("get pods -l app=web -o name")?;
        let name = name.lines().next().unwrap_or_default().trim();
        has(&lab.kubectl(&format!("logs {name}"))?, &[""])?;
        has(&lab.kubectl(&format!("exec {name} -- hostname"))?, &["web-"])?;
        has(&lab.refused(&format!("exec {name} -- no-such-command"))?, &["failed to exec in container"])?;
        has(&lab.kubectl(&format!("describe {name}"))?, &["Scheduled", "Started"])?;
        has(&lab.kubectl("delete -f web.yaml --wait")?, &[r#"deployment.apps "web" deleted"#])
    }

    fn objects_are_made_without_files(lab: &Lab) -> Result<(), Failed> {
        has(&lab.kubectl("create namespace shop")?, &["namespace/shop created"])?;
        has(&lab.kubectl("create configmap settings -n shop --from-literal=a=b")?, &["created"])?;
        has(&lab.kubectl("create secret generic key -n shop --from-literal=k=v")?, &["created"])?;
        has(&lab.kubectl("get secret key -n shop -o jsonpath={.data.k}")?, &["dg=="])?;
        has(
            &lab.kubectl("create deployment idle -n shop --image=registry.k8s.io/pause:3.10 --replicas=0")?,
            &["created"],
        )?;
        has(&lab.kubectl("expose deployment idle -n shop --port=80")?, &["exposed"])?;
        has(&lab.kubectl("create serviceaccount robot -n shop")?, &["created"])?;
        has(&lab.kubectl("create token robot -n shop")?, &["eyJ"])?;
        has(&lab.kubectl("delete namespace shop --timeout=120s")?, &["deleted"])
    }

    fn fields_are_checked_and_explained(lab: &Lab) -> Result<(), Failed> {
        lab.write("bad.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndatum: {a: b}\n")?;
        has(&lab.refused("apply -f bad.yaml")?, &["strict decoding error", r#"unknown field "datum""#])?;
        has(
            &lab.kubectl("apply -f bad.yaml --validate=warn --dry-run=server")?,
            &["created (server dry run)"],
        )?;
        has(&lab.kubectl("explain deployment.spec.replicas")?, &["FIELD: replicas <integer>"])
    }

    fn nodes_are_looked_at_and_drained(lab: &Lab) -> Result<(), Failed> {
        has(&lab.kubectl("describe node win1")?, &["Capacity:", "Kubelet Version:"])?;
        has(&lab.kubectl("cordon lin1")?, &["cordoned"])?;
        has(&lab.kubectl("get node lin1")?, &["SchedulingDisabled"])?;
        has(&lab.kubectl("uncordon lin1")?, &["uncordoned"])?;
        has(&lab.kubectl("get events -A")?, &["LAST SEEN", "node/"])
    }

    fn fields_have_managers(lab: &Lab) -> Result<(), Failed> {
        let map = |value: &str| {
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: own}}\ndata: {{a: '{value}'}}\n")
        };
        lab.write("own.yaml", &map("1"))?;
        lab.write("changed.yaml", &map("2"))?;
        let applied = &["configmap/own serverside-applied"];
        has(&lab.kubectl("apply --server-side -f own.yaml")?, applied)?;
        has(
            &lab.refused("apply --server-side --field-manager=other -f changed.yaml")?,
            &["Apply failed with 1 conflict: conflict with \"kubectl\": .data.a"],
        )?;
        let forced = "apply --server-side --field-manager=other --force-conflicts -f changed.yaml";
        has(&lab.kubectl(forced)?, applied)?;
        has(
            &lab.kubectl("get configmap own -o yaml --show-managed-fields")?,
            &["manager: other", "operation: Apply", "f:data:"],
        )?;
        // What was applied on the client's side is taken over.
        lab.write("old.yaml", &map("1").replace("name: own", "name: old"))?;
        lab.write("new.yaml", &map("3").replace("name: own", "name: old"))?;
        has(&lab.kubectl("apply -f old.yaml")?, &["configmap/old created"])?;
        has(&lab.kubectl("apply --server-side -f new.yaml")?, &["configmap/old serverside-applied"])?;
        has(&lab.kubectl("get configmap old -o jsonpath={.data.a}")?, &["3"])?;
        has(&lab.kubectl("delete configmap own old")?, &["deleted"])
    }

    fn changes_are_shown_and_edited(lab: &Lab) -> Result<(), Failed> {
        lab.write(
            "edited.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: edited}\ndata: {a: before}\n",
        )?;
        lab.kubectl("apply -f edited.yaml")?;
        lab.write(
            "edited.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: edited}\ndata: {a: after}\n",
        )?;
        let path = env::var("PATH").unwrap_or_default();
        let (same, shown, talk) = lab.run_with("diff -f edited.yaml", &[("PATH", &path)])?;
        has(&format!("{shown}{talk}"), &["-  a: before", "+  a: after"])?;
        if same {
            return Err("a difference ends with 1".into());
        }
        let editor = [("PATH", path.as_str()), ("KUBE_EDITOR", "sed -i s/before/edited/")];
        let (ok, out, talk) = lab.run_with("edit configmap edited", &editor)?;
        has(&format!("{ok} {out}{talk}"), &["true", "configmap/edited edited"])?;
        has(&lab.kubectl("get configmap edited -o jsonpath={.data.a}")?, &["edited"])?;
        has(
            &lab.kubectl("create configmap edited --from-literal=a=b --dry-run=client -o yaml")?,
            &["kind: ConfigMap", "a: b"],
        )?;
        has(&lab.kubectl("replace -f edited.yaml")?, &["configmap/edited replaced"])?;
        has(&lab.kubectl("explain pod.spec.containers --recursive")?, &["FIELDS:", "imagePullPolicy"])?;
        has(&lab.kubectl("get servicecidrs,ipaddresses")?, &["10.96.0.0/12", "services/default/kubernetes"])?;
        has(&lab.kubectl("get events.events.k8s.io -A")?, &["REASON"])?;
        lab.kubectl("delete configmap edited")?;
        has(&lab.kubectl("wait --for=delete configmap/edited --timeout=60s")?, &[""])
    }

    fn certificates_are_decided_about(lab: &Lab) -> Result<(), Failed> {
        for name in ["wanted", "unwanted"] {
            let text = SIGNING_REQUEST.replace("NAME", name);
            lab.write(&format!("{name}.yaml"), &text)?;
            lab.kubectl(&format!("apply -f {name}.yaml"))?;
        }
        has(&lab.kubectl("get csr")?, &["kubernetes-admin", "Pending", "kube-apiserver-client"])?;
        has(&lab.kubectl("certificate approve wanted")?, &["approved"])?;
        has(&lab.kubectl("certificate deny unwanted")?, &["denied"])?;
        has(
            &lab.kubectl("wait --for=jsonpath={.status.certificate} csr/wanted --timeout=60s")?,
            &["condition met"],
        )?;
        has(&lab.kubectl("get csr")?, &["Approved,Issued", "Denied"])?;
        has(&lab.kubectl("describe csr wanted")?, &["Approved,Issued", "Common Name:", "alice"])?;
        has(&lab.kubectl("delete csr wanted unwanted")?, &["deleted"])
    }

    /// A request of the user alice, made with `openssl req -new -newkey ed25519 -nodes -subj /O=developers/CN=alice`.
    const SIGNING_REQUEST: &str = r"apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: NAME}
spec:
  request: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlHa01GZ0NBUUF3SlRFVE1CRUdBMVVFQ2d3S1pHVjJaV3h2Y0dWeWN6RU9NQXdHQTFVRUF3d0ZZV3hwWTJVdwpLakFGQmdNclpYQURJUUQyMEc4K3FNaWVpdUV1elljNHFiR2NUTERmdC9hWGM0NEMzcWFCMHE3ZS9LQUFNQVVHCkF5dGxjQU5CQURBOFVSbkRDNDdrZUFIbFpyY1owSmV1RSs5Y2pFWkc0a3lZYTJ2MXRCcS9uWkV3Kzg2Zkk2K3oKVEVpMXdIL0hVMk1FQ0FMNGdSMFFjWlFocUFIdjlBcz0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==
  signerName: kubernetes.io/kube-apiserver-client
  usages: [client auth]
";

    const WEB: &str = r"apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {kubernetes.io/os: windows}
      containers:
      - {name: web, image: registry.k8s.io/e2e-test-images/agnhost:2.53, args: [netexec], ports: [{containerPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
";
}

#[cfg(unix)]
fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let required =
        std::env::var("WINLAB_REQUIRE").unwrap_or_default().split(',').any(|word| word == "kubectl");
    let missing = everyday::find().err();
    if let Some(why) = &missing {
        say(&format!("ignored: {why}"));
    }
    // The lab comes up for the tests that run, not for those that are only listed.
    let lab = if missing.is_some() || arguments.list {
        Err(missing.clone().unwrap_or_default())
    } else {
        everyday::start()
    };
    let trials = everyday::CASES
        .iter()
        .map(|(name, case)| {
            let lab = lab.clone();
            let trial = Trial::test(*name, move || case(&*lab?));
            trial.with_ignored_flag(missing.is_some() && !required)
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(lab);
    conclusion.exit_code()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    libtest_mimic::run(&Arguments::from_args(), Vec::<Trial>::new()).exit_code()
}

#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "a test that does not run says why")]
fn say(line: &str) {
    eprintln!("{line}");
}
