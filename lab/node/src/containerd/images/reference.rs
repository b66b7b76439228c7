//! References: `nginx` stands for `docker.io/library/nginx:latest`.

/// The full form of a reference, as distribution/reference `ParseDockerRef` gives it: default registry, `library/` for
/// official images, `latest` where neither tag nor digest is given; with a digest, the tag is dropped.
#[must_use]
pub fn normalize(reference: &str) -> String {
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (reference, None),
    };
    let (domain, path) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest.to_owned()),
        Some(_) => ("docker.io", name.to_owned()),
        None => ("docker.io", format!("library/{name}")),
    };
    let (repository, tag) = match path.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (path.as_str(), "latest"),
    };
    match digest {
        Some(digest) => format!("{domain}/{repository}@{digest}"),
        None => format!("{domain}/{repository}:{tag}"),
    }
}

/// The repository of a full reference, without tag and digest.
pub(crate) fn repository(full: &str) -> &str {
    let name = full.split_once('@').map_or(full, |(name, _)| name);
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::{normalize, repository};

    #[test]
    fn short_forms_are_filled_up() {
        for (short, full) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("org/app:1.2", "docker.io/org/app:1.2"),
            (
                "mcr.microsoft.com/windows/nanoserver:ltsc2022",
                "mcr.microsoft.com/windows/nanoserver:ltsc2022",
            ),
            ("localhost:5000/a", "localhost:5000/a:latest"),
            ("registry.k8s.io/pause:3.9@sha256:ab", "registry.k8s.io/pause@sha256:ab"),
        ] {
            assert_eq!(normalize(short), full);
        }
        assert_eq!(repository("localhost:5000/a:1"), "localhost:5000/a");
    }
}
