//! The hash that names a replica set.

use winlab_kube_client::k8s::core::PodTemplateSpec;

/// Characters that cannot form words by accident (`k8s.io/apimachinery/pkg/util/rand`).
const SAFE: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// `pod-template-hash` of a template: FNV-1a over its JSON and the collision count, in safe characters. Upstream
/// hashes a dump of the Go structure instead (`pkg/util/hash`), so the letters differ from a real cluster's; that
/// equal templates get equal hashes is what matters.
pub(super) fn template_hash(template: &PodTemplateSpec, collisions: i32) -> String {
    let json = serde_json::to_vec(template).unwrap_or_default();
    let counted = json.iter().copied().chain(collisions.to_le_bytes());
    let hash = counted.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash.to_string().bytes().map(|byte| char::from(SAFE[usize::from(byte) % SAFE.len()])).collect()
}

#[cfg(test)]
mod tests {
    use winlab_kube_client::k8s::core::PodTemplateSpec;

    use super::template_hash;

    #[test]
    fn equal_templates_have_equal_hashes_and_collisions_change_them() {
        let template = PodTemplateSpec::default();
        assert_eq!(template_hash(&template, 0), template_hash(&template.clone(), 0));
        assert_ne!(template_hash(&template, 0), template_hash(&template, 1));
        assert!(template_hash(&template, 0).len() <= 10);
    }
}
