//! The macro that makes a service from its table: a struct per call, the enumerations of calls and answers, and the
//! conversions that journals, fault rules and the wire need. Backends match `Call` exhaustively, so that a backend
//! which lacks a call does not compile.

macro_rules! service {
    (
        $(#[$service_meta:meta])*
        $service:ident = $name:literal, event $event:ty, fault $fault:ty, injected $injected:expr;
        $( $(#[$meta:meta])* $row:ident = $function:literal
            { $( $(#[$field_meta:meta])* $field:ident : $kind:ty ),* $(,)? } -> $output:ty; )+
    ) => {
        $(#[$service_meta])*
        #[derive(Debug, Clone, Copy)]
        pub enum $service {}

        $(
            $(#[$meta])*
            #[derive(Debug, Clone, PartialEq)]
            pub struct $row { $(
                $(#[$field_meta])*
                #[doc = concat!("The argument `", stringify!($field), "` of `", $function, "`.")]
                pub $field: $kind
            ),* }

            impl $crate::Request<$service> for $row {
                type Output = $output;

                fn into_call(self) -> Call {
                    Call::$row(self)
                }

                fn output(answer: Answer) -> Option<$output> {
                    if let Answer::$row(output) = answer { Some(output) } else { None }
                }
            }
        )+

        /// Everything that can be asked of the service, a variant per row of its table.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Call { $( #[doc = concat!("`", $function, "`")] $row($row) ),+ }

        /// The answers, a variant per row of the service's table.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Answer { $( #[doc = concat!("of `", $function, "`")] $row($output) ),+ }

        impl $crate::boundary::Call for Call {
            fn function(&self) -> &'static str {
                match self { $( Self::$row(_) => $function ),+ }
            }

            fn arguments(&self) -> winlab_document::Document {
                match self {
                    $( Self::$row($row { $($field),* }) => {
                        #[allow(unused_mut, clippy::allow_attributes, reason = "a call without arguments sets nothing")]
                        let mut object = winlab_document::ObjectBuilder::new();
                        $( object.set(stringify!($field), $crate::Field::to_document($field)); )*
                        object.build()
                    } )+
                }
            }

            fn from_arguments(
                function: &str,
                arguments: &winlab_document::Document,
            ) -> Result<Self, $crate::FieldError> {
                let _ = arguments;
                match function {
                    $( $function => Ok(Self::$row($row {
                        $( $field: $crate::Field::from_member(arguments, stringify!($field))? ),*
                    })), )+
                    _ => Err($crate::FieldError::unknown_function(function)),
                }
            }

            fn functions() -> &'static [&'static str] {
                &[ $( $function ),+ ]
            }
        }

        impl $crate::Service for $service {
            const NAME: &'static str = $name;
            type Call = Call;
            type Answer = Answer;
            type Event = $event;
            type Fault = $fault;

            fn answer_document(answer: &Answer) -> winlab_document::Document {
                match answer { $( Answer::$row(output) => $crate::Field::to_document(output) ),+ }
            }

            fn injected(code: Option<u32>) -> $fault {
                $injected(code)
            }
        }

        impl Answer {
            /// The answer to `function` from its document: the wire client's half of `answer_document`.
            ///
            /// # Errors
            /// [`FieldError`](crate::FieldError) where the function is unknown or the document has not its shape.
            pub fn from_document(
                function: &str,
                document: &winlab_document::Document,
            ) -> Result<Self, $crate::FieldError> {
                match function {
                    $( $function => Ok(Self::$row($crate::Field::from_document(document)?)), )+
                    _ => Err($crate::FieldError::unknown_function(function)),
                }
            }
        }
    };
}
