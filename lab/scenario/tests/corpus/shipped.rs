//! The scenarios this repository ships are without problems and without warnings.

use crate::folder::{Folder, rendered};
use winlab_scenario::{Loader as _, lint, read};

#[test]
fn shipped_scenarios_are_clean() {
    let mut folders = vec![String::new()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        let here = Folder::shipped(&folder);
        for name in here.list("") {
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if name.ends_with(".winlab.yaml") {
                files += 1;
                match read(&path, &here.load(&name).unwrap(), &here) {
                    Ok(scenario) => assert_eq!(rendered(&lint(&scenario), &scenario.sources), ""),
                    Err((problems, sources)) => panic!("{}", rendered(&problems, &sources)),
                }
            } else if !name.contains('.') {
                folders.push(path);
            }
        }
    }
    assert!(files > 0);
}
