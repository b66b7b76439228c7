//! A Windows image of one layer as an OCI archive: the smallest that a base layer can be.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// The registry hives that a base layer has (hcsshim, `internal/wclayer/legacy.go`).
const HIVES: [&str; 5] = ["DEFAULT", "SAM", "SECURITY", "SOFTWARE", "SYSTEM"];

/// The archive of an image for a version of Windows.
pub(crate) fn archive(os_version: &str) -> Vec<u8> {
    let mut layer = Tar::default();
    for folder in ["Files", "Files/Windows", "Files/Windows/System32", "Files/Windows/System32/config"] {
        layer.folder(folder);
    }
    for hive in HIVES {
        layer.file(&format!("Files/Windows/System32/config/{hive}"), b"regf");
    }
    layer.file("Files/hello.txt", b"hello\n");
    let layer = layer.finish();

    let mut archive = Tar::default();
    archive.file("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#);
    let platform = format!(r#""architecture":"amd64","os":"windows","os.version":"{os_version}""#);
    let layer_digest = archive.blob(&layer);
    let config = format!(r#"{{{platform},"rootfs":{{"type":"layers","diff_ids":["{layer_digest}"]}}}}"#);
    let config_digest = archive.blob(config.as_bytes());
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config_digest}","size":{}}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{layer_digest}","size":{}}}]}}"#,
        config.len(),
        layer.len()
    );
    let manifest_digest = archive.blob(manifest.as_bytes());
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{manifest_digest}","size":{},"platform":{{{platform}}},"annotations":{{"io.containerd.image.name":"example.com/hello:1"}}}}]}}"#,
        manifest.len()
    );
    archive.file("index.json", index.as_bytes());
    archive.finish()
}

/// A tar archive in the making (POSIX ustar).
#[derive(Default)]
struct Tar(Vec<u8>);

impl Tar {
    fn folder(&mut self, name: &str) {
        self.entry(&format!("{name}/"), b'5', &[]);
    }

    fn file(&mut self, name: &str, bytes: &[u8]) {
        self.entry(name, b'0', bytes);
    }

    /// Adds a blob of an OCI layout and gives back its digest.
    fn blob(&mut self, bytes: &[u8]) -> String {
        let hex = Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        self.file(&format!("blobs/sha256/{hex}"), bytes);
        format!("sha256:{hex}")
    }

    fn entry(&mut self, name: &str, kind: u8, bytes: &[u8]) {
        let mut header = [0_u8; 512];
        let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
        put(0, name);
        put(100, "0000755\0");
        put(108, "0000000\0");
        put(116, "0000000\0");
        put(124, &format!("{:011o}\0", bytes.len()));
        put(136, "00000000000\0");
        // The checksum is that of a header with blanks in its place.
        put(148, "        ");
        put(257, "ustar\x0000");
        header[156] = kind;
        let sum: u32 = header.iter().copied().map(u32::from).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend_from_slice(&header);
        self.0.extend_from_slice(bytes);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
    }

    fn finish(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }
}
