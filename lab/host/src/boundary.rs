//! One call per service, and a typed way to ask.

use std::fmt;

use futures::future::BoxFuture;
use winlab_document::Document;

use crate::feed::EventStream;
use crate::field::FieldError;

/// A service at the boundary: its calls, its answers, its notifications and its errors.
pub trait Service: 'static {
    /// Its name in journals, fault rules and on the wire: `hns`, `hcs`, `system`, `linux`.
    const NAME: &'static str;
    /// Everything that can be asked.
    type Call: Call;
    /// Everything that can be answered.
    type Answer: fmt::Debug + Clone + Send + Sync + 'static;
    /// What the service tells without being asked.
    type Event: fmt::Debug + Clone + Send + Sync + 'static;
    /// How a call fails.
    type Fault: std::error::Error + Clone + Send + Sync + 'static;

    /// An answer as a document, for journals and the wire.
    fn answer_document(answer: &Self::Answer) -> Document;
    /// The failure for a fault rule that gives only a code, or none.
    fn injected(code: Option<u32>) -> Self::Fault;
}

/// What every call can say about itself, made by the service's table.
pub trait Call: fmt::Debug + Clone + Send + Sync + 'static {
    /// The name of the operating system's function: `HcnCreateEndpoint`.
    fn function(&self) -> &'static str;
    /// Its arguments as an object.
    fn arguments(&self) -> Document;
    /// The call of that function with those arguments.
    ///
    /// # Errors
    /// [`FieldError`] where the function is unknown or an argument has not its shape.
    fn from_arguments(function: &str, arguments: &Document) -> Result<Self, FieldError>;
    /// Every function of the service, in the order of its table.
    fn functions() -> &'static [&'static str];
}

/// Something that answers a service's calls: a fake, a client of the wire, an agent on a real host, a decorator.
pub trait Boundary<S: Service>: Send + Sync {
    /// Carries one call out.
    fn call(&self, call: S::Call) -> BoxFuture<'_, Result<S::Answer, S::Fault>>;
    /// Notifications from now on.
    fn events(&self) -> EventStream<S::Event>;
}

/// One row of a service's table: a call whose answer has a type.
pub trait Request<S: Service>: Send + 'static {
    /// What comes back.
    type Output;
    /// As the service's call.
    fn into_call(self) -> S::Call;
    /// The typed answer; `None` if the backend answered another call, which is a bug of that backend.
    fn output(answer: S::Answer) -> Option<Self::Output>;
}

/// Asking with types, over any backend.
pub trait Ask<S: Service>: Boundary<S> {
    /// Carries out one row of the table.
    ///
    /// # Errors
    /// The service's own fault.
    ///
    /// # Panics
    /// Where a backend answers with another row's answer: a bug of that backend.
    fn ask<R: Request<S>>(&self, request: R) -> impl Future<Output = Result<R::Output, S::Fault>> + Send {
        let pending = self.call(request.into_call());
        async move {
            let answer = pending.await?;
            Ok(R::output(answer).expect("a backend answers the call it was given"))
        }
    }
}

impl<S: Service, B: Boundary<S> + ?Sized> Ask<S> for B {}

impl<S: Service, B: Boundary<S> + ?Sized> Boundary<S> for std::sync::Arc<B> {
    fn call(&self, call: S::Call) -> BoxFuture<'_, Result<S::Answer, S::Fault>> {
        (**self).call(call)
    }

    fn events(&self) -> EventStream<S::Event> {
        (**self).events()
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};

    use super::{Call as _, Service as _};
    use crate::network::{Answer, Call, CreateEndpoint, Network};
    use crate::system::{RegistryValue, Scope, SetValue};
    use crate::{Field as _, Guid, compute, linux, system};

    #[test]
    fn calls_and_answers_travel_as_documents() {
        let call = Call::CreateEndpoint(CreateEndpoint {
            network: Guid::from_bits(1),
            id: Guid::NIL,
            settings: doc!({"Name": "web"}),
        });
        let arguments = call.arguments();
        assert_eq!(Call::from_arguments("HcnCreateEndpoint", &arguments), Ok(call));
        let answer = Answer::CreateEndpoint(Guid::from_bits(7));
        assert_eq!(
            Answer::from_document("HcnCreateEndpoint", &Network::answer_document(&answer)),
            Ok(answer)
        );
        let error = Call::from_arguments("HcnCreateEndpoint", &arguments.with("network", "x")).unwrap_err();
        assert_eq!(error.to_string(), "network: expected a GUID, found string");
        assert!(Call::from_arguments("HcnNothing", &Document::Null).is_err());
    }

    #[test]
    fn values_with_types_travel_too() {
        let call = system::Call::SetValue(SetValue {
            scope: Scope::Container("web".into()),
            key: r"HKLM\SYSTEM".into(),
            name: "Servers".into(),
            value: RegistryValue::MultiSz(vec!["10.96.0.10".into()]),
        });
        assert_eq!(system::Call::from_arguments("RegSetValue", &call.arguments()), Ok(call));
        let kind = linux::LinkKind::Veth { peer: "eth0".into(), peer_namespace: "pod".into() };
        assert_eq!(linux::LinkKind::from_document(&kind.to_document()), Ok(kind));
    }

    #[test]
    fn no_function_stands_twice_in_a_table() {
        for table in [
            Call::functions(),
            compute::Call::functions(),
            system::Call::functions(),
            linux::Call::functions(),
        ] {
            let mut names = table.to_vec();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.len());
        }
    }
}
