//! What the tables cannot say.

/// Before the tables.
pub(super) const BEFORE: &str = r#"<!-- Written by `cargo xtask schema --fix` from the tables in lab/scenario/src: change those. -->

# Scenario files

One file is one scenario and is named `*.winlab.yaml`. It describes a lab, then what happens in it, step by step, and what
must hold. Unknown and doubled keys are errors. [scenario.schema.json](scenario.schema.json) is the same as JSON Schema, for
editors; `winlab lint` checks what a schema cannot: names of nodes, steps and axes, expressions, manifests.

```yaml
winlab: 1
name: first
about: Two web servers on Windows answer behind their Service.
lab:
  kube: v1.37.2
  nodes: {lin1: {os: linux}, win1: {os: windows}}
steps:
  - name: deployed
    apply: [manifests/web.yaml]
    expect: {k8s: deployment/web, match: {status: {readyReplicas: 2}}}
    within: 2m
  - name: reachable
    reach: |
      from             service/web:80  pod/web@win1:80
      pod/client@lin1  ok x2           ok
```

**YAML.** YAML 1.2: `no` is text and `0xb7` a number. Aliases are allowed; tags, merge keys and a second document are not.
Paths are relative to the scenario's folder, with `/` between their parts.

**Axes.** `$axis` or `${axis}` in a plain scalar is replaced by the cell's value, in a verb `$input` by the input's. Text in
quotes or in a block keeps its `$`; `$$` is one `$` in a plain scalar. Keys are never replaced. `${axis}` cannot stand within
`{ }` or `[ ]`, since YAML takes its brace for one of theirs.

**Names.** `pod/web@win1` is every pod on `win1` that is named `web` or owned by a controller `web`; a namespace stands before
it: `shop/pod/web`. Objects are `deployment/web`, `pods`, `kube-system/deployment/coredns`, by the names that kubectl takes.
Services of a node are `win1/kube-proxy`.

**Expressions.** `where`, `that` and `count` take CEL with one variable, `it`: the document, or for `count` the number. The
string functions of CEL's strings extension are there as well.

**Manifests** are the YAML that `kubectl apply -f` takes. Before anything starts they are held against the kinds, fields, types
and checks of the lab's own Kubernetes version, as strictly as kubectl asks for it; a field that version does not know is an
error. A step with `refused` sends what it likes, so its own manifests are not looked at. Objects in namespaces that begin with
`kube-` are there already: a manifest may hold a part of one.
"#;

/// After a fault's keys.
pub(super) const FAULTS: &str = "
Calls are named as the operating system names its functions, with at most one `*`; a name that no function of the service has is an
error. A fault of calls that has struck none by the end of its case is a warning of the run (`idle-fault`), one with a `rate`
is not.
";

/// After a step's keys.
pub(super) const TIMES: &str = "
`within`, `hold` and `wait` are scenario time and need a unit: `30s`, `5m`, `1h30m`. A step does its action, waits until every
check holds, `within` at most, and then sees that they keep holding for `hold`.
";

/// After a probe's keys.
pub(super) const REACH: &str = "
### Reach tables

A table in a block: a heading of `from` and destinations, then a row per source. Words are told apart by blanks; lines that
begin with `#` are comments. A cell is one of

| word | meaning |
|---|---|
| `ok` | answered |
| `ok x4` | answered by four distinct back ends, or more; `ok x1` by always the same one |
| `refused` | refused by the far end |
| `timeout` | no answer |
| `no-name` | the name does not resolve |
| `http-502` | answered over HTTP with this status, 400 or above |
| `-` | not asked |

`winlab bless` writes what was found into the cells and leaves everything else as it is.
";
