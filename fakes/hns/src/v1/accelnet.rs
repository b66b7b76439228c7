//! `/accelnet/`: MAC addresses of management NICs that accelerated networking must leave alone.

use winlab_document::{Document, doc};
use winlab_host::HResult;
use winlab_profiles::HnsFeature;

use crate::hns::Hns;
use crate::members::{Members, Outcome, refuse, require};
use crate::unmodelled;

impl Hns {
    pub(super) fn accelnet(&mut self, method: &str, body: &Document) -> Outcome<Document> {
        require(self.has(HnsFeature::Accelnet), HResult::HCN_E_REQUEST_UNSUPPORTED)?;
        match method {
            "GET" => {}
            "POST" => {
                for entry in body.list("MacAddressList") {
                    require(
                        entry.mac("MacAddress", HResult::E_INVALIDARG)?.is_some(),
                        HResult::E_INVALIDARG,
                    )?;
                }
                self.accelnet = body.list("MacAddressList").to_vec();
            }
            "DELETE" => self.accelnet.clear(),
            _ => {
                self.gaps.count(unmodelled::LEGACY_CALL);
                return refuse(HResult::HCN_E_REQUEST_UNSUPPORTED);
            }
        }
        Ok(doc!({"MacAddressList": self.accelnet.clone()}))
    }
}
