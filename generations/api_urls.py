"""`/api/v1/…`."""

from __future__ import annotations

from django.urls import path

from accounts.api import credits as money
from accounts.api import keys, me
from generations.api import (
    albums,
    events,
    explore,
    exports,
    generations,
    images,
    models,
    orders,
    presets,
    prompts,
    root,
    shares,
    webhooks,
)

app_name = "api"
urlpatterns = [
    path("", root.RootView.as_view(), name="root"),
    path("/me", me.MeView.as_view(), name="me"),
    path("/credits", money.CreditsView.as_view(), name="credits"),
    path("/credits/entries", money.EntriesView.as_view(), name="entries"),
    path("/credits/redeem", money.RedeemView.as_view(), name="redeem"),
    path("/keys", keys.KeysView.as_view(), name="keys"),
    path("/keys/<int:pk>", keys.KeyView.as_view(), name="key"),
    path("/models", models.ModelsView.as_view(), name="models"),
    path("/models/<path:name>", models.ModelView.as_view(), name="model"),
    path("/quotes", orders.QuotesView.as_view(), name="quotes"),
    path("/generations", generations.GenerationsView.as_view(), name="generations"),
    path("/generations/<uuid:pk>", generations.GenerationView.as_view(), name="generation"),
    path("/generations/<uuid:pk>/cancel", generations.CancelView.as_view(), name="generation_cancel"),
    path("/generations/<uuid:pk>/retry", generations.RetryView.as_view(), name="generation_retry"),
    path("/generations/<uuid:pk>/vary", generations.VaryView.as_view(), name="generation_vary"),
    path(
        "/generations/<uuid:pk>/events",
        events.in_the_loop(events.GenerationEventsView.as_view()),
        name="generation_events",
    ),
    path("/events", events.in_the_loop(events.EventsView.as_view()), name="events"),
    path("/images", images.ImagesView.as_view(), name="images"),
    path("/images/bulk", images.BulkView.as_view(), name="images_bulk"),
    path("/images/<uuid:pk>", images.ImageView.as_view(), name="image"),
    path("/albums", albums.AlbumsView.as_view(), name="albums"),
    path("/albums/<uuid:pk>", albums.AlbumView.as_view(), name="album"),
    path("/albums/<uuid:pk>/images", albums.AlbumImagesView.as_view(), name="album_images"),
    path("/albums/<uuid:pk>/order", albums.AlbumOrderView.as_view(), name="album_order"),
    path("/shares", shares.SharesView.as_view(), name="shares"),
    path("/shares/<uuid:pk>", shares.ShareView.as_view(), name="share"),
    path("/shared/<str:token>", shares.SharedView.as_view(), name="shared"),
    path("/explore", explore.ExploreView.as_view(), name="explore"),
    path("/reports", explore.ReportsView.as_view(), name="reports"),
    path("/prompts", prompts.PromptsView.as_view(), name="prompts"),
    path("/prompts/<int:pk>", prompts.PromptView.as_view(), name="prompt"),
    path("/presets", presets.PresetsView.as_view(), name="presets"),
    path("/presets/<uuid:pk>", presets.PresetView.as_view(), name="preset"),
    path("/exports", exports.ExportsView.as_view(), name="exports"),
    path("/exports/<uuid:pk>", exports.ExportView.as_view(), name="export"),
    path("/webhooks", webhooks.WebhooksView.as_view(), name="webhooks"),
    path("/webhooks/<uuid:pk>", webhooks.WebhookView.as_view(), name="webhook"),
    path("/webhooks/<uuid:pk>/secret", webhooks.WebhookSecretView.as_view(), name="webhook_secret"),
    path("/webhooks/<uuid:pk>/test", webhooks.WebhookTestView.as_view(), name="webhook_test"),
    path("/webhooks/<uuid:pk>/replay", webhooks.WebhookReplayView.as_view(), name="webhook_replay"),
    path("/webhooks/<uuid:pk>/deliveries", webhooks.DeliveriesView.as_view(), name="webhook_deliveries"),
    path("/webhooks/<uuid:pk>/deliveries/<uuid:delivery>", webhooks.DeliveryView.as_view(), name="webhook_delivery"),
    path(
        "/webhooks/<uuid:pk>/deliveries/<uuid:delivery>/replay",
        webhooks.DeliveryReplayView.as_view(),
        name="webhook_delivery_replay",
    ),
    path("/images/<uuid:pk>/trash", images.TrashView.as_view(), name="image_trash"),
    path("/images/<uuid:pk>/restore", images.RestoreView.as_view(), name="image_restore"),
    path("/images/<uuid:pk>/record", images.RecordView.as_view(), name="image_record"),
    path("/images/<uuid:pk>/download", images.DownloadView.as_view(), name="image_download"),
    path("/<path:rest>", root.NothingView.as_view()),
]
