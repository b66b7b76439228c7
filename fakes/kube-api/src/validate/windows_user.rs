//! `windowsOptions`: group managed accounts and the user to run as.

use winlab_document::Document;

use super::name::dns_subdomain_problem;
use super::{FieldErrors, FieldPath};

const MOST_SPEC_KIB: usize = 64;
const DOMAIN_BELOW: usize = 256;
const MOST_USER: usize = 104;

/// Checks the options of a pod or a container.
pub(super) fn options(options: Option<&Document>, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let Some(options) = options.filter(|options| options.is_object()) else { return };
    if let Some(name) = options.get("gmsaCredentialSpecName").and_then(Document::as_str)
        && let Some(problem) = dns_subdomain_problem(name)
    {
        errors.invalid(&path.child("gmsaCredentialSpecName"), name, problem);
    }
    if let Some(spec) = options.get("gmsaCredentialSpec").and_then(Document::as_str) {
        let path = path.child("gmsaCredentialSpec");
        if spec.is_empty() {
            errors.invalid(&path, spec, "gmsaCredentialSpec cannot be an empty string");
        } else if spec.len() > MOST_SPEC_KIB * 1024 {
            errors.invalid(&path, spec, format!("gmsaCredentialSpec size must be under {MOST_SPEC_KIB} KiB"));
        }
    }
    if let Some(user) = options.get("runAsUserName").and_then(Document::as_str) {
        for problem in user_problems(user) {
            errors.invalid(&path.child("runAsUserName"), user, problem);
        }
    }
}

/// What is wrong with `DOMAIN\user` or `user`.
fn user_problems(name: &str) -> Vec<String> {
    if name.is_empty() {
        return vec!["runAsUserName cannot be an empty string".to_owned()];
    }
    if name.chars().any(char::is_control) {
        return vec!["runAsUserName cannot contain control characters".to_owned()];
    }
    let parts: Vec<&str> = name.split('\\').collect();
    let (domain, user) = match parts.as_slice() {
        [user] => (None, *user),
        [domain, user] => (Some(*domain), *user),
        _ => return vec!["runAsUserName cannot contain more than one backslash".to_owned()],
    };
    let mut problems = Vec::new();
    if let Some(domain) = domain {
        if domain.len() >= DOMAIN_BELOW {
            problems.push(format!("runAsUserName's Domain length must be under {DOMAIN_BELOW} characters"));
        }
        if !is_net_bios(domain) && !is_dns(domain) {
            problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format".to_owned());
        }
    }
    if user.is_empty() {
        problems.push("runAsUserName's User cannot be empty".to_owned());
    } else if user.len() > MOST_USER {
        problems.push(format!("runAsUserName's User length must not be longer than {MOST_USER} characters"));
    }
    if !user.is_empty() && user.chars().all(|c| matches!(c, '.' | ' ')) {
        problems.push("runAsUserName's User cannot contain only periods or spaces".to_owned());
    }
    if user.contains(['"', '/', '\\', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>', '@', '[', ']']) {
        problems.push(
            r#"runAsUserName's User cannot contain the following characters: "/\:;|=,+*?<>@[]"#.to_owned(),
        );
    }
    problems
}

/// Up to 15 characters, none of those that NetBIOS reserves, no period in front.
fn is_net_bios(domain: &str) -> bool {
    const RESERVED: [char; 9] = ['\\', '/', ':', '*', '?', '"', '<', '>', '|'];
    (1..=15).contains(&domain.len()) && !domain.starts_with('.') && !domain.contains(RESERVED)
}

/// Labels of letters, digits and dashes.
fn is_dns(domain: &str) -> bool {
    domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

#[cfg(test)]
mod tests {
    use super::user_problems;

    #[test]
    fn users() {
        for good in ["ContainerUser", r"NT AUTHORITY\SYSTEM", r"corp.example.com\app$", r"CORP\first.last"] {
            assert!(user_problems(good).is_empty(), "{good}: {:?}", user_problems(good));
        }
        for bad in
            ["", "a\tb", r"a\b\c", r"CORP\", "...", "a@b", r"-a-.b..c:d-e-long-domain\user", &"u".repeat(105)]
        {
            assert!(!user_problems(bad).is_empty(), "{bad}");
        }
    }
}
