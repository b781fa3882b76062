from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('wire', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='source',
            name='canonical_to_source',
            field=models.BooleanField(default=False, verbose_name="name the agency's page as the original"),
        ),
        migrations.AddField(
            model_name='source',
            name='noindex',
            field=models.BooleanField(default=False, help_text='As agencies may ask of those who print their reports.', verbose_name='keep out of search engines'),
        ),
    ]
