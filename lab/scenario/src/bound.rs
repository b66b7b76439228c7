//! The variables that an expression binds itself: `v` of `it.list.exists(v, v > 1)`.

use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr};

/// Adds the names that comprehensions within `expression` bind.
pub(crate) fn bound_variables<'e>(expression: &'e IdedExpr, names: &mut Vec<&'e str>) {
    let mut inner: Vec<&IdedExpr> = Vec::new();
    match &expression.expr {
        Expr::Comprehension(comprehension) => {
            names.push(&comprehension.iter_var);
            names.extend(comprehension.iter_var2.as_deref());
            inner.extend([
                &comprehension.iter_range,
                &comprehension.accu_init,
                &comprehension.loop_cond,
                &comprehension.loop_step,
                &comprehension.result,
            ]);
        }
        Expr::Call(call) => inner.extend(call.target.as_deref().into_iter().chain(&call.args)),
        Expr::Select(select) => inner.push(&select.operand),
        Expr::List(list) => inner.extend(&list.elements),
        Expr::Map(map) => entries(map.entries.iter().map(|entry| &entry.expr), &mut inner),
        Expr::Struct(object) => entries(object.entries.iter().map(|entry| &entry.expr), &mut inner),
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => {}
    }
    inner.into_iter().for_each(|inner| bound_variables(inner, names));
}

fn entries<'e>(entries: impl Iterator<Item = &'e EntryExpr>, inner: &mut Vec<&'e IdedExpr>) {
    for entry in entries {
        match entry {
            EntryExpr::StructField(field) => inner.push(&field.value),
            EntryExpr::MapEntry(entry) => inner.extend([&entry.key, &entry.value]),
        }
    }
}
