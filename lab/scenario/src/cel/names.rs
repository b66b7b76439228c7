//! The names in an expression: variables it does not bind itself, and functions it calls.

use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr, IdedEntryExpr};

/// The names of an expression, in the order in which they are met.
#[derive(Default)]
pub(super) struct Names<'e> {
    /// Variables that nothing around them binds: `it`, but not the `v` of `it.list.exists(v, v > 1)`.
    pub(super) variables: Vec<&'e str>,
    /// Functions and methods, operators among them.
    pub(super) functions: Vec<&'e str>,
    /// How deep the expression is nested.
    pub(super) depth: usize,
    bound: Vec<&'e str>,
    level: usize,
}

impl<'e> Names<'e> {
    pub(super) fn of(expression: &'e IdedExpr) -> Self {
        let mut names = Self::default();
        names.walk(expression);
        names
    }

    fn walk(&mut self, expression: &'e IdedExpr) {
        self.level += 1;
        self.depth = self.depth.max(self.level);
        self.parts(expression);
        self.level -= 1;
    }

    fn parts(&mut self, expression: &'e IdedExpr) {
        match &expression.expr {
            Expr::Ident(name) => {
                if !self.bound.contains(&name.as_str()) {
                    self.variables.push(name);
                }
            }
            Expr::Comprehension(comprehension) => {
                self.walk(&comprehension.iter_range);
                self.walk(&comprehension.accu_init);
                let outer = self.bound.len();
                self.bound.extend([comprehension.iter_var.as_str(), comprehension.accu_var.as_str()]);
                self.bound.extend(comprehension.iter_var2.as_deref());
                self.walk(&comprehension.loop_cond);
                self.walk(&comprehension.loop_step);
                self.walk(&comprehension.result);
                self.bound.truncate(outer);
            }
            Expr::Call(call) => {
                self.functions.push(&call.func_name);
                call.target.iter().for_each(|target| self.walk(target));
                call.args.iter().for_each(|argument| self.walk(argument));
            }
            Expr::Select(select) => self.walk(&select.operand),
            Expr::List(list) => list.elements.iter().for_each(|element| self.walk(element)),
            Expr::Map(map) => self.entries(&map.entries),
            Expr::Struct(object) => self.entries(&object.entries),
            Expr::Unspecified | Expr::Literal(_) => {}
        }
    }

    fn entries(&mut self, entries: &'e [IdedEntryExpr]) {
        for entry in entries {
            match &entry.expr {
                EntryExpr::StructField(field) => self.walk(&field.value),
                EntryExpr::MapEntry(entry) => {
                    self.walk(&entry.key);
                    self.walk(&entry.value);
                }
            }
        }
    }
}
