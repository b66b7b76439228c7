//! Service-account tokens: signed JSON Web Tokens (RFC 7519) as `pkg/serviceaccount/claims.go` fills them.
//!
//! A real server signs with RSA or ECDSA. This one signs with Ed25519, whose signatures follow from key and text, so
//! that the same seed gives the same tokens; no client looks into a token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use winlab_clock::Seed;
use winlab_document::{Document, doc};

/// `--service-account-issuer` and its default audience, as kubeadm sets it.
pub(crate) const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";

/// Signs and checks tokens.
pub(crate) struct Tokens {
    key: Ed25519KeyPair,
}

/// What a token says, once its signature, time and audience have been checked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) namespace: String,
    pub(crate) account: String,
    pub(crate) account_uid: String,
    /// The pod it is bound to: name and uid.
    pub(crate) pod: Option<(String, String)>,
}

impl Tokens {
    pub(crate) fn new(seed: Seed) -> Self {
        let mut rng = seed.rng();
        let mut bytes = [0; 32];
        for part in bytes.chunks_mut(8) {
            part.copy_from_slice(&rng.next_u64().to_le_bytes());
        }
        let key = Ed25519KeyPair::from_seed_unchecked(&bytes).expect("a seed of 32 bytes is a key");
        Self { key }
    }

    /// A token with these claims.
    pub(crate) fn sign(&self, claims: &Document) -> String {
        let header = doc!({"alg": "EdDSA", "typ": "JWT"});
        let encode = |document: &Document| URL_SAFE_NO_PAD.encode(document.to_bytes());
        let text = format!("{}.{}", encode(&header), encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(text.as_bytes()));
        format!("{text}.{signature}")
    }

    /// What a token says if it is one of ours, for this server, at this time.
    pub(crate) fn verify(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let (text, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let public = UnparsedPublicKey::new(&ED25519, self.key.public_key().as_ref());
        public.verify(text.as_bytes(), &signature).ok()?;
        let (_, claims) = text.split_once('.')?;
        let claims = Document::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let until = claims.get("exp").and_then(Document::as_i64)?;
        let since = claims.get("nbf").and_then(Document::as_i64)?;
        let audiences = claims.get("aud").map(Document::items).unwrap_or_default();
        let for_us = audiences.iter().any(|audience| audience.as_str() == Some(ISSUER));
        if !for_us || now.as_second() >= until || now.as_second() < since {
            return None;
        }
        let about = |path: &[&str]| {
            let path: Vec<&str> = std::iter::once("kubernetes.io").chain(path.iter().copied()).collect();
            claims.text(&path).to_owned()
        };
        let pod = about(&["pod", "name"]);
        Some(Claims {
            namespace: about(&["namespace"]),
            account: about(&["serviceaccount", "name"]),
            account_uid: about(&["serviceaccount", "uid"]),
            pod: (!pod.is_empty()).then(|| (pod, about(&["pod", "uid"]))),
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use winlab_clock::Seed;
    use winlab_document::doc;

    use super::{ISSUER, Tokens};

    #[test]
    fn a_token_holds_for_its_time_and_audience_only() {
        let tokens = Tokens::new(Seed::new(1));
        let claims = |audience: &str| {
            doc!({
                "aud": [audience], "iss": ISSUER, "nbf": 100, "exp": 200,
                "kubernetes.io": {"namespace": "a", "serviceaccount": {"name": "s", "uid": "u"}}
            })
        };
        let token = tokens.sign(&claims(ISSUER));
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(tokens.verify(&token, at(150)).unwrap().account, "s");
        assert_eq!(tokens.verify(&token, at(200)), None);
        assert_eq!(tokens.verify(&token, at(99)), None);
        assert_eq!(tokens.verify(&tokens.sign(&claims("vault")), at(150)), None);
        assert_eq!(Tokens::new(Seed::new(2)).verify(&token, at(150)), None, "another server's key");
        assert_eq!(tokens.verify("a.b.c", at(150)), None);
        assert_eq!(Tokens::new(Seed::new(1)).sign(&claims(ISSUER)), token, "the same seed, the same token");
    }
}
