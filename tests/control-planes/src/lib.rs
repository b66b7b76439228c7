//! Nothing but tests lives here: real control planes, and the embedded one beside them.
