//! The exports of one kind of object.

/// The seven functions that every kind of object has, under their names. `HcnCreateEndpoint` takes the network's
/// handle first.
#[macro_export]
macro_rules! hcn_object {
    (
        $kind:ident: $enumerate:ident, $create:ident $(in $network:ident)?, $open:ident, $modify:ident, $query:ident,
        $delete:ident, $close:ident
    ) => {
        /// Ids of the objects that match a query, as a JSON array.
        ///
        /// # Safety
        /// `query` is null or ends in NUL; the others are null or can be written.
        #[no_mangle]
        pub unsafe extern "system" fn $enumerate(
            query: *const u16,
            ids: *mut *mut u16,
            record: *mut *mut u16,
        ) -> $crate::fault::HResult {
            // SAFETY: as this function's.
            unsafe { $crate::hcn::object::enumerate(stringify!($enumerate), query, ids, record) }
        }

        /// A new object and a handle for it; a nil id asks HNS to choose.
        ///
        /// # Safety
        /// `id` is null or points to a GUID, `settings` is null or ends in NUL; the others are null or can be written.
        #[no_mangle]
        pub unsafe extern "system" fn $create(
            $($network: usize,)?
            id: *const $crate::guid::Guid,
            settings: *const u16,
            handle: *mut usize,
            record: *mut *mut u16,
        ) -> $crate::fault::HResult {
            #[allow(unused_mut, unused_assignments)]
            let mut network = None;
            $( network = Some($network); )?
            let name = (stringify!($create), $crate::hcn::object::Kind::$kind);
            // SAFETY: as this function's.
            unsafe { $crate::hcn::object::create(name, network, id, settings, handle, record) }
        }

        /// A handle for an object that is there.
        ///
        /// # Safety
        /// `id` is null or points to a GUID; the others are null or can be written.
        #[no_mangle]
        pub unsafe extern "system" fn $open(
            id: *const $crate::guid::Guid,
            handle: *mut usize,
            record: *mut *mut u16,
        ) -> $crate::fault::HResult {
            let name = (stringify!($open), $crate::hcn::object::Kind::$kind);
            // SAFETY: as this function's.
            unsafe { $crate::hcn::object::open(name, id, handle, record) }
        }

        /// Changes an object.
        ///
        /// # Safety
        /// `settings` is null or ends in NUL, `record` is null or can be written.
        #[no_mangle]
        pub unsafe extern "system" fn $modify(
            handle: usize,
            settings: *const u16,
            record: *mut *mut u16,
        ) -> $crate::fault::HResult {
            let name = (stringify!($modify), $crate::hcn::object::Kind::$kind);
            // SAFETY: as this function's.
            unsafe { $crate::hcn::object::modify(name, handle, settings, record) }
        }

        $crate::hcn_query!($kind: $query);

        /// Removes an object.
        ///
        /// # Safety
        /// `id` is null or points to a GUID, `record` is null or can be written.
        #[no_mangle]
        pub unsafe extern "system" fn $delete(
            id: *const $crate::guid::Guid,
            record: *mut *mut u16,
        ) -> $crate::fault::HResult {
            // SAFETY: as this function's.
            unsafe { $crate::hcn::object::delete(stringify!($delete), id, record) }
        }

        /// Closes a handle.
        #[no_mangle]
        pub extern "system" fn $close(handle: usize) -> $crate::fault::HResult {
            $crate::hcn::object::close($crate::hcn::object::Kind::$kind, handle)
        }
    };
}

/// A function that takes a handle and a query and hands back a document.
#[macro_export]
macro_rules! hcn_query {
    ($kind:ident: $query:ident) => {
        /// A document about an object.
        ///
        /// # Safety
        /// `query` is null or ends in NUL; the others are null or can be written.
        #[no_mangle]
        pub unsafe extern "system" fn $query(
            handle: usize,
            query: *const u16,
            document: *mut *mut u16,
            record: *mut *mut u16,
        ) -> $crate::fault::HResult {
            let name = (stringify!($query), $crate::hcn::object::Kind::$kind);
            // SAFETY: as this function's.
            unsafe { $crate::hcn::object::query(name, handle, query, document, record) }
        }
    };
}
