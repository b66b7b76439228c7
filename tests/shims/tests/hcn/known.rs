//! Tests that a Windows build cannot pass: they use what a newer HNS has, and none of them asks for it first.
//!
//! The versions are hcsshim's and hnslib's own (`hcn/hcnglobals.go`), with which clients ask. On Windows Server 2025 every
//! test passes.

use winlab_profiles::{HnsFeature, WindowsVersion};

/// A test and what it uses.
const NEWER: [(&str, HnsFeature, &str); 5] = [
    ("TestAddL4WfpProxyPolicyOnEndpoint", HnsFeature::L4WfpProxy, "L4WfpProxy policies"),
    ("TestApplyTierAclPolicyOnEndpoint", HnsFeature::TierAcl, "TierAcl policies"),
    ("TestAddRemoveNetworACLPolicy", HnsFeature::NetworkAcl, "NetworkACL policies"),
    ("TestCreateUpdateDeleteLoadBalancer", HnsFeature::ModifyLoadBalancer, "HcnModifyLoadBalancer"),
    ("TestAccelnetNnvManagementMacAddresses", HnsFeature::Accelnet, "/accelnet/"),
];

/// Why a test fails on this build, if it does.
pub(crate) fn reason(name: &str, build: &str) -> Option<String> {
    let (_, feature, used) = NEWER.into_iter().find(|(newer, ..)| *newer == name)?;
    let windows: WindowsVersion = build.parse().expect("a build");
    (!windows.hns().has(feature)).then(|| format!("HNS {} of {build} has no {used}", windows.hns()))
}
