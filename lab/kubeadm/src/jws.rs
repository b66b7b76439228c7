//! Signatures of `cluster-info`: a detached JWS with HS256, keyed by a bootstrap token's secret
//! (`k8s.io/cluster-bootstrap/token/jws`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Bytes of a SHA-256 block.
const BLOCK: usize = 64;

/// The signature of a text by the token `id.secret`, without the text itself.
pub(crate) fn sign(text: &str, id: &str, secret: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"HS256","kid":"{id}"}}"#));
    let payload = URL_SAFE_NO_PAD.encode(text);
    let signature = hmac(secret.as_bytes(), format!("{header}.{payload}").as_bytes());
    format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature))
}

/// HMAC with SHA-256 (RFC 2104) for keys of at most one block, as token secrets are.
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let padded = |with: u8| {
        let mut pad = [with; BLOCK];
        for (byte, key) in pad.iter_mut().zip(key) {
            *byte ^= key;
        }
        pad
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::{hmac, sign};

    #[test]
    fn hmac_of_rfc_4231() {
        let hex: String =
            hmac(b"Jefe", b"what do ya want for nothing?").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn the_text_and_the_secret_decide() {
        let signature = sign("kubeconfig", "abcdef", "0123456789abcdef");
        assert!(signature.starts_with("eyJhbGciOiJIUzI1NiIsImtpZCI6ImFiY2RlZiJ9.."), "{signature}");
        assert_ne!(signature, sign("kubeconfig", "abcdef", "fedcba9876543210"));
        assert_ne!(signature, sign("another", "abcdef", "0123456789abcdef"));
    }
}
