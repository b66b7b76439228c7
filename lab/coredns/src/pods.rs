//! Names of pods, which are their addresses: `10-244-1-5.default.pod.cluster.local` (`pods insecure`: whether there is
//! such a pod is not asked).

use std::net::IpAddr;

use crate::question::Question;
use crate::zone::{Findings, Found, Zone};

impl Zone {
    pub(crate) fn find_pod(&self, question: &Question<'_>) -> Findings {
        let pod = question.service;
        let is_v4 = pod.matches('-').count() == 3 && !pod.contains("--");
        let host = pod.replace('-', if is_v4 { "." } else { ":" });
        host.parse::<IpAddr>().ok()?;
        let owner = format!("{pod}.{}.pod.{}", question.namespace, self.domain);
        Some(vec![Found { host, port: Some(0), owner }])
    }
}
