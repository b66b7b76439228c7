//! Private keys.

use std::fmt;

use rcgen::{KeyPair, PKCS_ED25519, PublicKeyData as _};

use crate::authority::PkiError;

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410, section 7).
const ED25519_PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// A private key with its public one.
pub struct PrivateKey(pub(crate) KeyPair);

impl PrivateKey {
    /// A new one: ECDSA on P-256, as client-go makes them (`util/keyutil`).
    ///
    /// # Errors
    /// The machine has no randomness to give.
    pub fn generate() -> Result<Self, PkiError> {
        KeyPair::generate().map(Self).map_err(PkiError::on("make a key"))
    }

    /// The Ed25519 key that these bytes are. Its signatures follow from the key and the text: the same bytes, the same
    /// certificates. Whoever knows the bytes has the key.
    ///
    /// # Errors
    /// Never of 32 bytes; the type of what is below says so.
    pub fn of_bytes(bytes: [u8; 32]) -> Result<Self, PkiError> {
        let der = [&ED25519_PKCS8[..], &bytes].concat();
        let der = der.as_slice().into();
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ED25519);
        key.map(Self).map_err(PkiError::on("read a key"))
    }

    /// Reads what [`to_pem`](Self::to_pem) wrote.
    ///
    /// # Errors
    /// The text is no key.
    pub fn from_pem(text: &str) -> Result<Self, PkiError> {
        KeyPair::from_pem(text).map(Self).map_err(PkiError::on("read a key"))
    }

    /// Its public key as DER (`SubjectPublicKeyInfo`).
    #[must_use]
    pub fn public_der(&self) -> Vec<u8> {
        self.0.subject_public_key_info()
    }

    /// As PEM (PKCS #8).
    #[must_use]
    pub fn to_pem(&self) -> String {
        self.0.serialize_pem()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").finish_non_exhaustive()
    }
}
