//! What holds for any calls in any order.

use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use proptest::test_runner::TestCaseResult;
use winlab_fake_hns::Rehydration;
use winlab_host::network::DeleteNetwork;

use super::calls::{NET, carry_out, id};
use super::reference::Model;
use super::steps::{Step, steps};
use super::views::compare;
use crate::host::Host;

fn come_out_as_in_the_model(build: &str, modifies_balancers: bool, steps: &[Step]) -> TestCaseResult {
    let (mut host, mut model) = (Host::new(build), Model { modifies_balancers, ..Model::default() });
    let adapters = host.hns.adapters().to_vec();
    for step in steps {
        prop_assert_eq!(carry_out(&mut host, step), model.expect(step), "{:?}", step);
        compare(&mut host, &model);
    }
    carry_out(&mut host, &Step::Start { finds: Rehydration::Rehydrate });
    for net in 0..3 {
        let _ = host.ask(DeleteNetwork { id: id(NET, net) });
    }
    prop_assert_eq!(host.hns.adapters(), &adapters[..]);
    Ok(())
}

proptest! {
    #[test]
    fn random_calls_come_out_as_in_the_model(steps in steps()) {
        come_out_as_in_the_model("ltsc2022", false, &steps)?;
    }

    #[test]
    fn equal_seeds_give_equal_hosts(steps in steps()) {
        let (mut one, mut two) = (Host::new("ltsc2019"), Host::new("ltsc2019"));
        for step in &steps {
            prop_assert_eq!(carry_out(&mut one, step), carry_out(&mut two, step));
        }
        prop_assert_eq!(format!("{:?}", one.hns.data_plane()), format!("{:?}", two.hns.data_plane()));
        prop_assert_eq!(one.hns.take_effects(), two.hns.take_effects());
        prop_assert_eq!(one.hns.take_notifications(), two.hns.take_notifications());
    }
}

proptest! {
    // The other build differs in few codes.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

    #[test]
    fn load_balancers_change_where_the_build_changes_them(steps in steps()) {
        come_out_as_in_the_model("ltsc2025", true, &steps)?;
    }
}
