import '../../css/imports.css';
import '../../css/registers.css';
import '../console';
import { startDrop } from './drop';
import { startForm } from './form';
import { startList } from './list';

startDrop();
startForm();
startList();
