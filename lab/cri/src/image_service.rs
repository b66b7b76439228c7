//! ImageService.

use futures::stream::{self, BoxStream};
use tonic::{Request, Response, Status};

use crate::backend::Backend;
use crate::convert;
use crate::error::missing;
use crate::proto::image_service_server::ImageService;
use crate::proto::{
    ImageFsInfoRequest, ImageFsInfoResponse, ImageSpec, ImageStatusRequest, ImageStatusResponse,
    ListImagesRequest, ListImagesResponse, PullImageRequest, PullImageResponse, RemoveImageRequest,
    RemoveImageResponse, StreamImagesRequest, StreamImagesResponse,
};
use crate::release;

/// The images of the runtime behind a backend.
pub(crate) struct Images(Backend);

impl Images {
    pub(crate) fn new(backend: Backend) -> Self {
        Self(backend)
    }

    /// The images that a filter selects.
    async fn selected(
        &self,
        filter: Option<crate::proto::ImageFilter>,
    ) -> Result<Vec<crate::proto::Image>, Status> {
        let wanted = filter.and_then(|filter| filter.image).unwrap_or_default().image;
        let images = if wanted.is_empty() {
            self.0.call(|cri| async move { cri.list_images().await }).await?
        } else {
            let found = self.0.call(|cri| async move { cri.image_status(&wanted).await }).await?;
            found.into_iter().collect()
        };
        Ok(images.into_iter().map(convert::image).collect())
    }
}

fn named(image: Option<ImageSpec>) -> Result<ImageSpec, Status> {
    image.filter(|image| !image.image.is_empty()).ok_or_else(|| missing("image"))
}

#[tonic::async_trait]
impl ImageService for Images {
    type StreamImagesStream = BoxStream<'static, Result<StreamImagesResponse, Status>>;

    async fn list_images(
        &self,
        request: Request<ListImagesRequest>,
    ) -> Result<Response<ListImagesResponse>, Status> {
        let images = self.selected(request.into_inner().filter).await?;
        Ok(Response::new(ListImagesResponse { images }))
    }

    async fn stream_images(
        &self,
        request: Request<StreamImagesRequest>,
    ) -> Result<Response<Self::StreamImagesStream>, Status> {
        release::streams_lists(&self.0, "ImageService", "StreamImages").await?;
        let images = self.selected(request.into_inner().filter).await?;
        let parts = images.into_iter().map(|image| Ok(StreamImagesResponse { images: vec![image] }));
        Ok(Response::new(Box::pin(stream::iter(parts.collect::<Vec<_>>()))))
    }

    async fn image_status(
        &self,
        request: Request<ImageStatusRequest>,
    ) -> Result<Response<ImageStatusResponse>, Status> {
        let image = named(request.into_inner().image)?.image;
        let found = self.0.call(|cri| async move { cri.image_status(&image).await }).await?;
        Ok(Response::new(ImageStatusResponse { image: found.map(convert::image), ..Default::default() }))
    }

    async fn pull_image(
        &self,
        request: Request<PullImageRequest>,
    ) -> Result<Response<PullImageResponse>, Status> {
        let request = request.into_inner();
        let pull = winlab_node::cri::PullImageRequest {
            image: convert::image_spec(named(request.image)?),
            auth: request.auth.map(convert::auth),
            sandbox_config: request.sandbox_config.map(convert::sandbox_config).transpose()?,
        };
        let image_ref = self.0.call(|cri| async move { cri.pull_image(pull).await }).await?;
        Ok(Response::new(PullImageResponse { image_ref }))
    }

    async fn remove_image(
        &self,
        request: Request<RemoveImageRequest>,
    ) -> Result<Response<RemoveImageResponse>, Status> {
        let image = named(request.into_inner().image)?.image;
        self.0.call(|cri| async move { cri.remove_image(&image).await }).await?;
        Ok(Response::new(RemoveImageResponse {}))
    }

    async fn image_fs_info(
        &self,
        _: Request<ImageFsInfoRequest>,
    ) -> Result<Response<ImageFsInfoResponse>, Status> {
        let info = self.0.call(|cri| async move { cri.image_fs_info().await }).await?;
        Ok(Response::new(convert::image_fs_info(&info)))
    }
}
