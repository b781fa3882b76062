from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('wire', '0002_source_in_search_engines'),
    ]

    operations = [
        migrations.AddField(
            model_name='source',
            name='may_be_licensed_on',
            field=models.BooleanField(default=False, help_text='Only where the contract with the agency says so.', verbose_name='may be passed on to licensees'),
        ),
    ]
