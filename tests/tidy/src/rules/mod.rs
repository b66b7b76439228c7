//! The rules, one a file.

use crate::lint::Lint;

mod biased_select;
mod dependency_direction;
mod direction_table;
mod file_length;
mod foreign_words;
mod links;
mod module_docs;
mod module_names;
mod one_kube_client;
mod one_program;
mod one_seam;
mod owned_todos;
mod pinned_actions;
mod readme_commands;
mod scenario_files;
mod seam_exceptions;
mod seam_table;
mod table_in_docs;
mod whitespace;

/// Every rule of the house.
#[must_use]
pub fn all() -> Vec<Box<dyn Lint>> {
    vec![
        Box::new(whitespace::Whitespace),
        Box::new(dependency_direction::DependencyDirection),
        Box::new(table_in_docs::TableInDocs),
        Box::new(one_kube_client::OneKubeClient),
        Box::new(one_program::OneProgram),
        Box::new(one_seam::OneSeam),
        Box::new(seam_exceptions::SeamExceptions),
        Box::new(biased_select::BiasedSelect),
        Box::new(module_docs::ModuleDocs),
        Box::new(module_names::ModuleNames),
        Box::new(file_length::FileLength),
        Box::new(owned_todos::OwnedTodos),
        Box::new(foreign_words::ForeignWords),
        Box::new(links::Links),
        Box::new(scenario_files::ScenarioFiles),
        Box::new(readme_commands::ReadmeCommands),
        Box::new(pinned_actions::PinnedActions),
    ]
}
